/** Answers that hold while the catalog stays as it is; what was asked for longest ago goes first. */
export interface KeptPages<Page> {
  /** @param state of the catalog: when it is another, nothing that was kept holds */
  find(state: number, key: string): Page | undefined;
  /** @param size what it takes, in any unit that all pages share */
  keep(state: number, key: string, page: Page, size: number): void;
}

/** @param most of what all pages take together */
export function createKeptPages<Page>(most: number): KeptPages<Page> {
  const pages = new Map<string, { page: Page; size: number }>();
  let heldState = 0;
  let total = 0;

  function forgetOthers(state: number): void {
    if (state === heldState) return;
    pages.clear();
    total = 0;
    heldState = state;
  }

  function forget(key: string): void {
    total -= pages.get(key)?.size ?? 0;
    pages.delete(key);
  }

  return {
    find(state, key) {
      forgetOthers(state);
      const found = pages.get(key);
      if (!found) return undefined;
      // To the end of those that go.
      pages.delete(key);
      pages.set(key, found);
      return found.page;
    },
    keep(state, key, page, size) {
      // It was worked out over a catalog that is another by now.
      if (state < heldState) return;
      forgetOthers(state);
      forget(key);
      pages.set(key, { page, size });
      total += size;
      for (const oldest of pages.keys()) {
        if (total <= most) break;
        forget(oldest);
      }
    },
  };
}
