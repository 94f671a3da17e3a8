import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError, printConfig, resolveConfig } from "../../kernel/config/config.ts";
import { hlsConfig } from "./settings.ts";

const plugins = [{ name: "hls", config: hlsConfig }];

Deno.test("a group's name that is none of a stream is refused in words", () => {
  const { message } = assertThrows(
    () => resolveConfig({ plugins, flags: { "hls-groups": "cam=live/cam_*" } }),
    ConfigError,
  );
  assertEquals(
    message,
    "--hls-groups: cam is a list, but its name has to be APP/STREAM, of letters, digits, _ and -.",
  );
});

Deno.test("how many segments share a key is no secret: what is printed can be used as a configuration", () => {
  const { hls } = JSON.parse(printConfig(resolveConfig({ plugins })));
  assertEquals(hls.encryption, { enabled: false, segmentsPerKey: 10 });
});
