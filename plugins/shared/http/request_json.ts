import { requestText } from "./request_text.ts";

/** The value that a request's body holds as JSON; undefined for one that is longer than `mostBytes`, or is no JSON. */
export async function requestJson(request: Request, mostBytes: number): Promise<unknown> {
  try {
    return JSON.parse(await requestText(request, mostBytes));
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
