import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** The part of IPv6 that IANA gives out for the public internet; everything else is special or not assigned. */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/** Public by number, private by use: Azure's host agent answers every virtual machine here, with its secrets. */
const azureHostAgent = "168.63.129.16";

/**
 * Whether an address is one on the public internet. Fails closed: an address whose range is not known to be ordinary
 * unicast is refused, as are all forms that carry an IPv4 address inside an IPv6 one (mapped, compatible, NAT64,
 * 6to4, Teredo), because the network may turn them back.
 */
export function isPublicAddress(address: string): boolean {
  // ipaddr.js also reads octal, hexadecimal and shortened forms, which a socket would read differently.
  if (isIP(address) === 0 || address.includes("%")) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== "unicast") return false;
  return parsed instanceof ipaddr.IPv6 ? parsed.match(globalUnicast) : address !== azureHostAgent;
}
