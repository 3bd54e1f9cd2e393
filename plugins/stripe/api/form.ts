/** What Stripe's v1 API takes as a parameter. */
export type FormValue = string | number | boolean | undefined | FormValue[] | { [name: string]: FormValue };

/**
 * Form-encodes parameters as Stripe reads them: `metadata[plan]=pro&expand[0]=sources`.
 * Parameters that are `undefined` are left out.
 */
export function formEncode(params: { [name: string]: FormValue }): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) append(form, name, value);
  return form.toString();
}

function append(form: URLSearchParams, name: string, value: FormValue): void {
  if (value === undefined) return;
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) append(form, `${name}[${index}]`, entry);
  } else if (typeof value === "object") {
    for (const [key, entry] of Object.entries(value)) append(form, `${name}[${key}]`, entry);
  } else {
    form.append(name, String(value));
  }
}
