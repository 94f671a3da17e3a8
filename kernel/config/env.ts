import { coerce } from "./coerce.ts";
import { type Layer, LayerReader, namedPlace } from "./layer.ts";
import { ENV_PREFIX, type Setting } from "./settings.ts";
import { suggestionText } from "./words.ts";

/** Names the configuration file where no flag does; read by the command line. */
export const CONFIG_FILE_ENV = "SLUICE_CONFIG";

/** What hosting services set to say where HTTP is expected; weaker than `SLUICE_HTTP_PORT`. */
const PORT_ENV = "PORT";
const HTTP_PORT_ENV = "SLUICE_HTTP_PORT";

/**
 * The settings in environment variables.
 *
 * An empty variable counts as unset, as container tools leave them. Variables by which Kubernetes announces a service
 * called "sluice" are none of ours.
 */
export function environmentLayer(env: Readonly<Record<string, string>>, settings: readonly Setting[]): Layer {
  const byName = new Map(settings.map((setting) => [setting.env, setting]));
  const reader = new LayerReader("environment", settings);
  const read = (name: string, { schema, path }: Setting) =>
    reader.read(coerce(env[name], schema), schema, path, namedPlace(name));
  const names = ownNames(env);
  const httpPort = byName.get(HTTP_PORT_ENV);
  if (env[PORT_ENV] && httpPort && !names.includes(HTTP_PORT_ENV)) read(PORT_ENV, httpPort);
  for (const name of names) {
    const setting = byName.get(name);
    if (setting) read(name, setting);
    else reader.problems.push(`${name} is not a setting${suggestionText(name, [...byName.keys(), CONFIG_FILE_ENV])}`);
  }
  return reader;
}

/** The settings of which no layer says anything, in variables that are not only ours; they are weaker than every other source. */
export function otherVariables(
  env: Readonly<Record<string, string>>,
  settings: readonly Setting[],
  layers: readonly Layer[],
): Layer {
  const said = new Set(layers.flatMap(({ assignments }) => assignments).map(({ path }) => path.join(".")));
  const reader = new LayerReader("environment", settings);
  for (const { schema, path } of settings) {
    const isSaid = (key: string) => said.has([...path.slice(0, -1), key].join("."));
    const { env: names = [], when = "", unless = [] } = schema.otherwise ?? {};
    const name = names.find((each) => env[each]);
    if (name === undefined || !isSaid(when) || [path.at(-1)!, ...unless].some(isSaid)) continue;
    reader.read(coerce(env[name], schema), schema, path, namedPlace(name));
  }
  return reader;
}

function ownNames(env: Readonly<Record<string, string>>): string[] {
  const links = serviceLinks(env);
  return Object.keys(env).filter((name) =>
    name.startsWith(ENV_PREFIX) && name !== CONFIG_FILE_ENV && env[name] !== "" && !links.has(name)
  );
}

/**
 * The variables that Kubernetes makes for each service of a namespace: of a service "sluice-rtmp" they are
 * SLUICE_RTMP_SERVICE_HOST, SLUICE_RTMP_PORT=tcp://…, SLUICE_RTMP_PORT_1935_TCP and more.
 */
function serviceLinks(env: Readonly<Record<string, string>>): Set<string> {
  const services = Object.keys(env).flatMap((name) => /^(SLUICE.*)_SERVICE_HOST$/.exec(name)?.[1] ?? []);
  return new Set(
    Object.keys(env).filter((name) =>
      services.some((service) =>
        name.startsWith(`${service}_SERVICE_`) ||
        name.startsWith(`${service}_PORT_`) ||
        (name === `${service}_PORT` && /^(tcp|udp|sctp):\/\//.test(env[name]))
      )
    ),
  );
}
