import { TEST_CERTIFICATE, TEST_KEY } from "../../protocols/rtmp/testing_tls.ts";

/** A self-signed certificate for localhost and 127.0.0.1, with its key, in PEM. For tests; it protects nothing. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** One certificate. */
export const FIRST_CERTIFICATE: TestCertificate = { cert: TEST_CERTIFICATE, key: TEST_KEY };

/** Another one, with another key. */
export const SECOND_CERTIFICATE: TestCertificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTmBHG95MQo66P8Em
n2TjA7vxHLKeka1JnclxdXk5oGWhRANCAATkTKKIF6i39PqevWXlAMaqd9/uNX4s
JataGn/3Ht2PI4njx6LYB5teSJkUQEEeYccp4X+ppVqBAg+5uQn4iYlq
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUA4Ur0JiixA19wQQ4R3CQDWjLS/MwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjEyMDgyOVoYDzIxMDAxMDI5
MTIwODI5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATkTKKIF6i39PqevWXlAMaqd9/uNX4sJataGn/3Ht2PI4njx6LYB5te
SJkUQEEeYccp4X+ppVqBAg+5uQn4iYlqo28wbTAdBgNVHQ4EFgQUC4ESf4bn/yMQ
QgrrA5qZ3y+Pi7kwHwYDVR0jBBgwFoAUC4ESf4bn/yMQQgrrA5qZ3y+Pi7kwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgGA8Ft4JfemMT7FL1dHWtpcTnmYmZ8P03ALnNnZMIlPsCIQDJ
VxJ+HdwjLOQKPdBccJxdYFvJe40s5D4z1eSpD7nBiw==
-----END CERTIFICATE-----
`,
};

/** A certificate of its own for a host, by openssl. */
export async function certificateFor(host: string): Promise<TestCertificate> {
  const folder = await Deno.makeTempDir();
  try {
    const names = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${folder}/key.pem`];
    const args = ["req", "-x509", ...key, "-out", `${folder}/cert.pem`, "-days", "3650", ...names];
    const { success, stderr } = await new Deno.Command("openssl", { args }).output();
    if (!success) throw new Error(`openssl made no certificate: ${new TextDecoder().decode(stderr)}`);
    const [cert, secret] = await Promise.all(["cert", "key"].map((name) => Deno.readTextFile(`${folder}/${name}.pem`)));
    return { cert, key: secret };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A folder with a certificate's files, removed when it is disposed. */
export class CertificateFolder implements AsyncDisposable {
  readonly cert: string;
  readonly key: string;
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
    this.cert = `${path}/cert.pem`;
    this.key = `${path}/key.pem`;
  }

  /** Makes the folder. */
  static async make(certificate: TestCertificate = FIRST_CERTIFICATE): Promise<CertificateFolder> {
    const folder = new CertificateFolder(await Deno.makeTempDir());
    await folder.put(certificate);
    return folder;
  }

  /** Replaces the files, or one of them. */
  async put({ cert, key }: Partial<TestCertificate>): Promise<void> {
    if (cert !== undefined) await Deno.writeTextFile(this.cert, cert);
    if (key !== undefined) await Deno.writeTextFile(this.key, key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#path, { recursive: true });
  }
}
