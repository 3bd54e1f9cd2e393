declare module "unicode-confusables" {
  /** Replaces every character that looks like another by that one (the skeleton of UTS 39). */
  export function rectifyConfusion(text: string): string;
}
