export { type Client, createClient, type ServiceRequest } from "./request.ts";
