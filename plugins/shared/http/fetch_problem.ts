import { errorText } from "../../../kernel/error_text.ts";
/** What went wrong with a request, in the words of who noticed it, without the address, which may hold a key. */
export function fetchProblem(error: unknown): string {
  const { cause = error } = (error ?? {}) as { cause?: unknown };
  const text = errorText(cause);
  return text.replace(/^error sending request for url \(\S*\): /, "");
}
