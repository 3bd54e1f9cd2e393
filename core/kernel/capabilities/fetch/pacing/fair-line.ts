/** One that waits, and for whom. */
export interface InLine {
  tenantId: string;
  /** In the order of arrival. */
  seq: number;
}

/** Tenants take turns; within a tenant the first to come is the first to go. */
export interface FairLine<Item extends InLine> {
  readonly size: number;
  add(item: Item): void;
  /** The one whose turn it is. */
  peek(): Item | undefined;
  /** Takes out the one whose turn it is; the next is another tenant's, if there is one. */
  next(): Item | undefined;
  remove(item: Item): void;
}

export function createFairLine<Item extends InLine>(): FairLine<Item> {
  const byTenant = new Map<string, Item[]>();
  let size = 0;

  function first(): [string, Item[]] | undefined {
    return byTenant.entries().next().value;
  }

  function takeOut(tenantId: string, items: Item[], index: number): void {
    items.splice(index, 1);
    size--;
    if (items.length === 0) byTenant.delete(tenantId);
  }

  return {
    get size() {
      return size;
    },
    add(item) {
      const items = byTenant.get(item.tenantId);
      if (!items) byTenant.set(item.tenantId, [item]);
      // One that waited elsewhere before may have come before those that are here.
      else items.splice(items.findLastIndex(({ seq }) => seq < item.seq) + 1, 0, item);
      size++;
    },
    peek: () => first()?.[1][0],
    next() {
      const found = first();
      if (!found) return undefined;
      const [tenantId, items] = found;
      const [item] = items;
      takeOut(tenantId, items, 0);
      if (items.length > 0) {
        byTenant.delete(tenantId);
        byTenant.set(tenantId, items);
      }
      return item;
    },
    remove(item) {
      const items = byTenant.get(item.tenantId);
      const index = items?.indexOf(item) ?? -1;
      if (items && index >= 0) takeOut(item.tenantId, items, index);
    },
  };
}
