/** Circuits by connection and host: all of a connection's are forgotten at once, however many others have. */
export interface CircuitStore<T> {
  readonly size: number;
  get(connectionId: string, host: string): T | undefined;
  set(connectionId: string, host: string, circuit: T): void;
  /** Removes a circuit, unless another one stands in its place by now. */
  delete(connectionId: string, host: string, circuit: T): void;
  forget(connectionId: string): void;
  ofConnection(connectionId: string): Iterable<T>;
  all(): Iterable<T>;
}

export function createCircuitStore<T>(): CircuitStore<T> {
  const connections = new Map<string, Map<string, T>>();
  let size = 0;

  return {
    get size() {
      return size;
    },
    get: (connectionId, host) => connections.get(connectionId)?.get(host),
    set(connectionId, host, circuit) {
      const hosts = connections.get(connectionId) ?? new Map<string, T>();
      if (!hosts.has(host)) size++;
      connections.set(connectionId, hosts.set(host, circuit));
    },
    delete(connectionId, host, circuit) {
      const hosts = connections.get(connectionId);
      if (hosts?.get(host) !== circuit) return;
      hosts.delete(host);
      size--;
      if (hosts.size === 0) connections.delete(connectionId);
    },
    forget(connectionId) {
      size -= connections.get(connectionId)?.size ?? 0;
      connections.delete(connectionId);
    },
    ofConnection: (connectionId) => connections.get(connectionId)?.values() ?? [],
    *all() {
      for (const hosts of connections.values()) yield* hosts.values();
    },
  };
}
