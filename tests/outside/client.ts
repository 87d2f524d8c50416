// A client that knows the API by its document alone: it compiles only while paths, parameters and fields are as they say.
import createClient from "openapi-fetch";
import type { paths } from "./placement";

const placement = createClient<paths>({ baseUrl: "http://127.0.0.1:8080/api/placement" });

export async function premium(policyId: string): Promise<string> {
  const { data, error } = await placement.GET("/policies/{policy_id}", { params: { path: { policy_id: policyId } } });
  if (error) throw new Error(`${error.type}: ${error.detail}`);
  return `${data.cover.premium.amount} ${data.cover.premium.currency}`;
}
