/** Why a bundle is not made or not believed; one line for whoever runs the registry. */
export class BundleError extends Error {
  override name = "BundleError";
  readonly code = "bundle-refused";
}
