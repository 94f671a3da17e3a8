// The parts of Kubernetes' API that the manifests use. A server ignores a field that it does not know, or refuses all of the
// file: here each one that is not of the API is a fault.
import { z } from "zod";

/** A number with a unit, such as 100Gi or 50m. */
const quantity = z.string().regex(/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/);

const quantities = z.strictObject({
  cpu: quantity.optional(),
  memory: quantity.optional(),
  storage: quantity.optional(),
});

/** At most 63 characters of a host's name: RFC 1123. */
const name = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

/** Names of ports have 15 characters at most: RFC 6335. */
const portName = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/);

const portNumber = z.int().min(1).max(65535);

const texts = z.record(z.string(), z.string());

const metadata = z.strictObject({ name, labels: texts.optional(), annotations: texts.optional() });

const matchLabels = z.strictObject({ matchLabels: texts });

const seconds = z.int().min(1).optional();

const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string().startsWith("/"), port: portName }).optional(),
  tcpSocket: z.strictObject({ port: portName }).optional(),
  periodSeconds: seconds,
  timeoutSeconds: seconds,
}).refine((each) => (each.httpGet === undefined) !== (each.tcpSocket === undefined), "asks one way or the other");

const valueFrom = z.union([
  z.strictObject({ fieldRef: z.strictObject({ fieldPath: z.enum(["status.podIP", "metadata.name"]) }) }),
  z.strictObject({ secretKeyRef: z.strictObject({ name, key: z.string(), optional: z.boolean() }) }),
]);

const variable = z.union([
  z.strictObject({ name: z.string(), value: z.string() }),
  z.strictObject({ name: z.string(), valueFrom }),
]);

const container = z.strictObject({
  name,
  image: z.string().regex(/^[\w./-]+:[\w.-]+$/),
  args: z.array(z.string()).optional(),
  env: z.array(variable).optional(),
  ports: z.array(z.strictObject({ name: portName, containerPort: portNumber })),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  resources: z.strictObject({ requests: quantities, limits: quantities }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal("ALL")]) }),
  }),
  volumeMounts: z.array(
    z.strictObject({ name, mountPath: z.string().startsWith("/"), readOnly: z.boolean().optional() }),
  )
    .optional(),
});

const volume = z.union([
  z.strictObject({ name, emptyDir: z.strictObject({}) }),
  z.strictObject({ name, configMap: z.strictObject({ name }) }),
]);

const template = z.strictObject({
  metadata: metadata.omit({ name: true }),
  spec: z.strictObject({
    terminationGracePeriodSeconds: seconds,
    securityContext: z.strictObject({
      runAsNonRoot: z.literal(true),
      runAsUser: z.int().min(1),
      fsGroup: z.int().min(1).optional(),
      seccompProfile: z.strictObject({ type: z.literal("RuntimeDefault") }),
    }),
    containers: z.array(container).length(1),
    volumes: z.array(volume).optional(),
  }),
});

const claim = z.strictObject({
  metadata: metadata,
  spec: z.strictObject({
    accessModes: z.array(z.enum(["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"])),
    resources: z.strictObject({ requests: quantities }),
  }),
});

const replicas = z.int().min(1);

/** A document of a manifest: the kinds that are used, each with no other fields than those of its API. */
export const manifestSchema = z.discriminatedUnion("kind", [
  z.strictObject({ apiVersion: z.literal("v1"), kind: z.literal("ConfigMap"), metadata, data: texts }),
  z.strictObject({
    apiVersion: z.literal("v1"),
    kind: z.literal("Service"),
    metadata,
    spec: z.strictObject({
      selector: texts,
      sessionAffinity: z.enum(["ClientIP", "None"]).optional(),
      ports: z.array(z.strictObject({ name: portName, port: portNumber })),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal("apps/v1"),
    kind: z.literal("Deployment"),
    metadata,
    spec: z.strictObject({ replicas, selector: matchLabels, template }),
  }),
  z.strictObject({
    apiVersion: z.literal("apps/v1"),
    kind: z.literal("StatefulSet"),
    metadata,
    spec: z.strictObject({
      serviceName: name,
      replicas,
      selector: matchLabels,
      template,
      volumeClaimTemplates: z.array(claim),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal("autoscaling/v2"),
    kind: z.literal("HorizontalPodAutoscaler"),
    metadata,
    spec: z.strictObject({
      scaleTargetRef: z.strictObject({ apiVersion: z.literal("apps/v1"), kind: z.literal("Deployment"), name }),
      minReplicas: replicas,
      maxReplicas: replicas,
      metrics: z.array(z.strictObject({
        type: z.literal("Resource"),
        resource: z.strictObject({
          name: z.enum(["cpu", "memory"]),
          target: z.strictObject({ type: z.literal("Utilization"), averageUtilization: z.int().min(1) }),
        }),
      })),
      behavior: z.strictObject({ scaleDown: z.strictObject({ stabilizationWindowSeconds: z.int().min(0).max(3600) }) }),
    }),
  }),
]);
