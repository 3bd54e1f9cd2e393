import { type Capability, JsonText, type Payload } from "@plugboard/sandbox";
import { createCallOperations } from "../call-operations.ts";
import { CapabilityError } from "../errors.ts";
import type { OpenCapability } from "../open-capability.ts";
import type { Turn } from "../turns.ts";
import {
  checkDeleteOptions,
  checkKey,
  checkListOptions,
  checkSetOptions,
  checkSize,
  checkValue,
  checkValueSize,
  listOf,
} from "./arguments.ts";
import type { StorageLimits } from "./limits.ts";
import type { Store } from "./store.ts";

/** The `storage` of one call. */
export function openStorage(options: {
  store: Store;
  maxBytes: number;
  limits: Pick<StorageLimits, "storageValueBytes">;
  turn: Turn;
}): OpenCapability {
  const { store, maxBytes, limits, turn } = options;
  const operations = createCallOperations({
    turn,
    ended: () => new CapabilityError("storage-aborted", "The call that asked for this has ended."),
  });

  /** `prepare` checks the arguments before there is a turn to wait for. */
  function operation(
    maxArguments: number,
    prepare: (args: Payload[]) => () => Promise<Payload | JsonText | undefined>,
    checked: (size: number) => void = checkSize,
  ): Capability {
    const run: Capability = async (payload, { signal }) =>
      operations.run(signal, prepare(listOf(payload, maxArguments)));
    run.checkSize = checked;
    return run;
  }

  return {
    functions: {
      "storage.get": operation(1, ([key]) => {
        const checked = checkKey(key);
        return async () => {
          const entry = await store.entry(checked);
          return entry && new JsonText(entry.text);
        };
      }),
      "storage.entry": operation(1, ([key]) => {
        const checked = checkKey(key);
        return async () => {
          const entry = await store.entry(checked);
          return entry && new JsonText(`{"value":${entry.text},"version":${JSON.stringify(entry.version)}}`);
        };
      }),
      "storage.set": operation(
        3,
        ([key, value, options]) => {
          const checked = checkKey(key);
          const expected = checkSetOptions(options);
          const text = checkValue(checked, value, limits.storageValueBytes);
          return async () => ({ version: await store.set(checked, text, expected) });
        },
        (size) => checkValueSize(size, limits.storageValueBytes),
      ),
      "storage.delete": operation(2, ([key, options]) => {
        const checked = checkKey(key);
        const expectedVersion = checkDeleteOptions(options);
        return () => store.delete(checked, expectedVersion);
      }),
      "storage.list": operation(1, ([options]) => {
        const request = checkListOptions(options);
        return async () => {
          const found = await store.list({ ...request, limit: request.limit + 1 });
          const keys = found.slice(0, request.limit);
          return { keys, next: found.length > keys.length ? (keys.at(-1) ?? null) : null };
        };
      }),
      "storage.usage": operation(0, () => async () => ({ bytes: await store.usedBytes(), maxBytes })),
    },
    close: operations.close,
  };
}
