/** What a trigger has found comes as events of this type; `source` says whose trigger it is. */
export function eventTypeOf(trigger: string): string {
  return `trigger.${trigger}`;
}
