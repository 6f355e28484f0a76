export function runChecks(
  packed: { main: object; webhook: object; launcher: object },
  where: { gatewayUrl: string | undefined },
): Promise<unknown[]>;
