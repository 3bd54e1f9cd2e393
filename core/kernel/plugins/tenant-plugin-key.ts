/** A tenant's use of a plugin, whatever install it is by. */
export interface OnPlugin {
  tenantId: string;
  /** `publisher/name` */
  plugin: string;
}

/** One text for it, without a space: what changes is announced by words with spaces between. */
export function toKey({ tenantId, plugin }: OnPlugin): string {
  return `${tenantId}/${plugin}`;
}

export function fromKey(key: string): OnPlugin {
  const [tenantId = "", ...plugin] = key.split("/");
  return { tenantId, plugin: plugin.join("/") };
}
