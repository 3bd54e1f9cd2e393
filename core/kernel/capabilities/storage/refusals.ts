import { CapabilityError } from "../errors.ts";

export function conflict(key: string): CapabilityError {
  return new CapabilityError("storage-conflict", `"${key}" was changed since; read it again.`);
}

export function quotaExceeded(maxBytes: number, usedBytes: number): CapabilityError {
  return new CapabilityError(
    "storage-quota-exceeded",
    `The install may store ${maxBytes} bytes, keys and values together; it stores ${usedBytes}. Delete something first.`,
  );
}

export function tooManyKeys(maxKeys: number): CapabilityError {
  return new CapabilityError(
    "storage-too-many-keys",
    `The install may store ${maxKeys} keys. Delete some first.`,
  );
}

export function busy(operations: number): CapabilityError {
  return new CapabilityError(
    "storage-busy",
    `${operations} storage operations of this install are under way, as many as may be. Repeat it when one has ended.`,
  );
}
