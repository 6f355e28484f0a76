/** Answers HTTP requests: a Worker's default export. */
declare const worker: new (context: unknown, env: unknown) => { fetch(request: Request): Promise<Response> };
export default worker;

/** Keeps one payment: the Durable Object class of the binding `PAYMENT`. */
export declare const Payment: new (
  state: unknown,
  env: unknown,
) => { fetch(request: Request): Promise<Response> };
