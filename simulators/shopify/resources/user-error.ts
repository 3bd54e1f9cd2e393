/** What a mutation says of an input that the schema allows and Shopify does not. */
export interface UserError {
  field: string[] | null;
  message: string;
  code?: string | null;
}

export const userError = (
  field: string[] | null,
  message: string,
  code: string | null = null,
): UserError => ({
  field,
  message,
  code,
});
