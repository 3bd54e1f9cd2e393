/** The version that the simulator's replies follow, and that accounts without a pinned version get. */
export const apiVersion = "2026-10-28.endive";
