/** MailingAddressInput, of which countries and provinces are only known by their codes. */
export interface AddressInput {
  [line: string]: string | null | undefined;
}

export interface Address {
  id: string;
  [line: string]: string | null;
}

export function toAddress(id: string, given: AddressInput): Address {
  const line = (name: string) => given[name] ?? null;
  return {
    id,
    firstName: line("firstName"),
    lastName: line("lastName"),
    company: line("company"),
    address1: line("address1"),
    address2: line("address2"),
    city: line("city"),
    provinceCode: line("provinceCode"),
    zip: line("zip"),
    countryCodeV2: line("countryCode"),
    phone: line("phone"),
  };
}
