const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const checks = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/** The n-th id of records with this prefix, of 18 characters; later ones sort behind earlier ones. */
export function makeId(prefix: string, n: number): string {
  let rest = n;
  let serial = "";
  for (let place = 0; place < 9; place++) {
    serial = letters.charAt(rest % 62) + serial;
    rest = Math.floor(rest / 62);
  }
  return longId(`${prefix}gK0${serial}`);
}

export const isId = (text: string): boolean => /^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/.test(text);

/** 18 characters of 15: the last three say which letters are capitals. */
export function longId(id: string): string {
  if (id.length === 18) return id;
  let suffix = "";
  for (let start = 0; start < 15; start += 5) {
    let bits = 0;
    for (let place = 0; place < 5; place++) if (/[A-Z]/.test(id.charAt(start + place))) bits |= 1 << place;
    suffix += checks.charAt(bits);
  }
  return id + suffix;
}
