export { type FormOptions, type FormValue, form, withQuery } from "./form.ts";
export { type GraphqlError, type GraphqlRequest, graphql } from "./graphql.ts";
export { type PageWish, pageByLink, pageByNumber, pageByOffset, paginate } from "./paginate.ts";
export { type RequestJsonOptions, readJson, requestJson, sendRequest } from "./request-json.ts";
export { type ReadVendorError, type VendorFailure, vendorError } from "./vendor-error.ts";
