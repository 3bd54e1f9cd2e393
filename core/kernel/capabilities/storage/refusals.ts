import { CapabilityError } from "../errors.ts";

export function conflict(key: string): CapabilityError {
  return new CapabilityError("storage-conflict", `"${key}" was changed since; read it again.`);
}

export function replaced(): CapabilityError {
  return new CapabilityError(
    "storage-version-changed",
    "The install was moved to another version while this call ran, and what it would write is of the old one.",
  );
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

export function changesBusy(): CapabilityError {
  return new CapabilityError(
    "storage-busy",
    "Changes of installs that are under way hold as much in the host's memory as they may. Repeat it when one has ended.",
  );
}

export function busy(operations: number): CapabilityError {
  return new CapabilityError(
    "storage-busy",
    `${operations} storage operations of this install are under way, as many as may be. Repeat it when one has ended.`,
  );
}
