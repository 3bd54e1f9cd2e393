/** Why a bundle is not made or not believed; one line for whoever wanted it. */
export class BundleError extends Error {
  override name = "BundleError";
  readonly code = "bundle-refused";
}
