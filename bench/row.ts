/** One line of a table: what was measured, and how it stands to the bare building block of the same run. */
export interface Row {
  what: string;
  value: number;
  unit: string;
  /** Against the bare building block; compare this between machines, not the value. */
  ratio?: number;
  /** What it should be, in words. */
  goal?: string;
}
