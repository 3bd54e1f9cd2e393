/** Of either alphabet. */
export function isBase64Letter(code: number | undefined): boolean {
  return code !== undefined && letters[code] === 1;
}

const letters = new Uint8Array(256);
for (const letter of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
  letters[letter.charCodeAt(0)] = 1;
