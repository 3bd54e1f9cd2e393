/** What comes by itself, as the host has it. */
export const channels = ["pinned", "patch", "minor", "latest"];
