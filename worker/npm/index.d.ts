/** Answers HTTP requests, and compares with the gateway's list of transactions on a schedule: a Worker's default export. */
declare const worker: new (
  context: unknown,
  env: unknown,
) => { fetch(request: Request): Promise<Response>; scheduled(event: unknown): Promise<void> };
export default worker;

/** Keeps one payment: the Durable Object class of the binding `PAYMENT`. */
export declare const Payment: new (
  state: unknown,
  env: unknown,
) => { fetch(request: Request): Promise<Response> };

/** Knows which payments attempts belong to: the Durable Object class of the binding `ATTEMPTS`. */
export declare const Attempts: new (
  state: unknown,
  env: unknown,
) => { fetch(request: Request): Promise<Response> };
