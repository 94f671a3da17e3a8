import { makeLoginDigest } from "../plugins/auth/ways/login_digest.ts";
import { hashSecret, makeKey } from "../plugins/auth/secrets/stored_secret.ts";
import { type Command, type CommandContext, UsageError } from "./command.ts";

/** The command that makes keys, and hashes of keys and passwords for the settings. */
export const keysCommand: Command = {
  name: "keys",
  summary: "Make a key and its hash, or the hash of a key or password",
  usage: "[KEY]",
  maxArguments: 1,
  flags: [{
    name: "rtmp",
    kind: "text",
    value: "USER",
    description: "Make what RTMP's login needs to know of this user's password too",
  }],
  usesSettings: false,
  run: keys,
};

async function keys({ host, args: [given], flags: { rtmp } }: CommandContext): Promise<number> {
  if (given?.trim() === "") throw new UsageError(["The key is empty: give one, or none to have one made."]);
  if (rtmp === true || rtmp === "") throw new UsageError(["--rtmp needs a value: the user's name."]);
  const key = given ?? makeKey();
  const hash = await hashSecret(key);
  if (given === undefined) host.out(`key   ${key}\nhash  ${hash}`);
  else host.out(hash);
  if (typeof rtmp === "string") host.out(`${given === undefined ? "rtmp  " : ""}${makeLoginDigest(rtmp, key)}`);
  return 0;
}
