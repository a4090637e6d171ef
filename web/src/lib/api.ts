import createClient, { type Middleware } from "openapi-fetch";
import type { components as HospitalTypes, paths as HospitalPaths } from "./generated/hospital";
import type { components as MarketplaceTypes, paths as MarketplacePaths } from "./generated/marketplace";
import { ApiError, asError } from "./errors";
import { session } from "./session.svelte";

// The REST API of this server, as its OpenAPI document describes it. Use the client of the side that the page is on:
//
//   const { preference } = ok(await hospital.GET("/v1/preference"));

export type Hospital = HospitalTypes["schemas"];
export type Marketplace = MarketplaceTypes["schemas"];

const withSession: Middleware = {
  async onRequest({ request }) {
    await session.renew();
    if (session.token) request.headers.set("Authorization", `Bearer ${session.token}`);
    return request;
  },
};

export const hospital = createClient<HospitalPaths>({ baseUrl: location.origin });
export const marketplace = createClient<MarketplacePaths>({ baseUrl: location.origin });
hospital.use(withSession);
marketplace.use(withSession);

/** What an answer holds; throws ApiError. A session that has ended is forgotten. */
export function ok<T>(r: { data?: T; error?: unknown; response: Response }): T {
  if (r.response.ok) return r.data as T;
  const err = asError(r.response.status, r.error);
  if (err.reason === "UNAUTHENTICATED" && session.token) session.end("Your session has ended. Sign in again to go on.");
  throw err;
}

/** Whether an error of the API has one of these reasons. */
export const because = (err: unknown, ...reasons: string[]): boolean => err instanceof ApiError && reasons.includes(err.reason);
