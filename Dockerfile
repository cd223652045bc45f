# The same image is the CronJob's and the GitHub Action's. It needs no file of its own to write to
# but a folder for temporary files: --read-only --tmpfs /tmp.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /build
COPY requirements.lock .
# pip stays here: what runs has no use for it.
RUN python3 -m venv tools \
 && python3 -m venv --without-pip /opt/statusbot/venv \
 && tools/bin/pip --python /opt/statusbot/venv/bin/python --no-cache-dir install \
      --disable-pip-version-check --no-compile --only-binary :all: \
      --require-hashes -r requirements.lock
COPY statusbot /opt/statusbot/statusbot
COPY schemas /opt/statusbot/schemas
COPY entrypoint.py LICENSE /opt/statusbot/
# Compiled is what a poll imports. The kubernetes package has 60 MB more, which nobody asks for.
RUN cd /opt/statusbot && venv/bin/python -m compileall -q statusbot \
 && venv/bin/python -c 'import statusbot.cli.run, statusbot.cluster.live, jsonschema, yaml, \
    kubernetes.client.rest, kubernetes.config.kube_config'

FROM ${BASE}
LABEL org.opencontainers.image.title="statusbot" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/statusbot /opt/statusbot
# GitHub's runners own the workspace as 1001, with files in it that nobody else can read (a
# kubeconfig); elsewhere any number but 0 will do.
USER 1001:1001
ENTRYPOINT ["/opt/statusbot/venv/bin/python", "/opt/statusbot/entrypoint.py"]
