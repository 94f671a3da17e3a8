# The server as one module and the runtime, for whoever has no Deno. `docker compose up` runs it.
FROM node:24-bookworm-slim AS build
RUN npm install --global deno@2.9.6 && cp "$(deno eval 'console.log(Deno.execPath())')" /usr/local/bin/deno-runtime
WORKDIR /sluice
COPY . .
RUN deno run --allow-read --allow-run packaging/compile.ts bundle

FROM debian:bookworm-slim
RUN groupadd --gid 1935 sluice \
    && useradd --uid 1935 --gid sluice --home-dir /data --no-create-home --shell /usr/sbin/nologin sluice \
    && install --directory --owner sluice --group sluice /data /var/cache/sluice
COPY --from=build /usr/local/bin/deno-runtime /usr/local/bin/deno
COPY --from=build /sluice/dist/sluice.js /usr/local/lib/sluice/sluice.js
ENV SLUICE_DATA_DIR=/data \
    MALLOC_ARENA_MAX=1 \
    DENO_DIR=/var/cache/sluice \
    DENO_NO_UPDATE_CHECK=1
WORKDIR /data
USER 1935:1935
# What the runtime keeps of the module it keeps here: a server that need not make it takes 60 MB less. Written once it can be
# read from an image that nobody may write to only after a second time.
RUN for time in 1 2; do deno run --no-config --allow-read --allow-env --v8-flags=--max-semi-space-size=2,--heap-growing-percent=150 \
    /usr/local/lib/sluice/sluice.js start --print-config > /dev/null || exit 1; done
VOLUME /data
EXPOSE 1935 8501
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${SLUICE_HTTP_PORT:-8501} && printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["deno", "run", "--no-prompt", "--no-config", "--allow-net", "--allow-read", "--allow-write=/data", "--allow-env", "--allow-sys=statfs,loadavg,osUptime,systemMemoryInfo", "--v8-flags=--max-semi-space-size=2,--heap-growing-percent=150", "/usr/local/lib/sluice/sluice.js"]
CMD ["start"]
