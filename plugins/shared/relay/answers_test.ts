import { assertEquals } from "@std/assert";
import { ClientError } from "../../../kernel/sessions/client.ts";
import { type Meaning, meaningOf } from "./answers.ts";

const ANSWERS: readonly [code: string, atFirst: Meaning, whileLive: Meaning][] = [
  ["unreachable", "temporary", "temporary"],
  ["timeout", "temporary", "temporary"],
  ["lost", "temporary", "temporary"],
  ["protocol", "temporary", "temporary"],
  ["left", "temporary", "temporary"],
  ["400", "refused", "refused"],
  ["401", "refused", "refused"],
  ["403", "refused", "refused"],
  ["302", "refused", "refused"],
  ["404", "absent", "absent"],
  ["410", "absent", "absent"],
  ["409", "taken", "taken"],
  ["429", "temporary", "temporary"],
  ["500", "temporary", "temporary"],
  ["503", "temporary", "temporary"],
  ["1008", "refused", "temporary"],
  ["1011", "temporary", "temporary"],
  ["1013", "temporary", "temporary"],
  ["4403", "refused", "refused"],
  ["4404", "absent", "absent"],
  ["4409", "taken", "taken"],
  ["4429", "temporary", "temporary"],
  ["4503", "temporary", "temporary"],
  ["NetConnection.Connect.Rejected", "refused", "temporary"],
  ["NetConnection.Connect.Closed", "temporary", "temporary"],
  ["NetStream.Publish.BadName", "taken", "temporary"],
  ["NetStream.Publish.Denied", "refused", "temporary"],
  ["NetStream.Play.StreamNotFound", "absent", "temporary"],
  ["NetStream.Failed", "temporary", "temporary"],
  ["NetStream.Unpublish.Success", "refused", "temporary"],
];

for (const [code, atFirst, whileLive] of ANSWERS) {
  Deno.test(`${code} is ${atFirst}, and ${whileLive} once the server had accepted`, () => {
    const error = new ClientError(code, "x");
    assertEquals([meaningOf(error, false), meaningOf(error, true)], [atFirst, whileLive]);
  });
}
