/**
 * What a capability answers when it has JSON text already: it goes to plugin code as it is, and is parsed there alone, at
 * the expense of whoever asked. The host's one thread is everybody's.
 */
export class JsonText {
  /** Must be sound JSON. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
