# The same image is the CronJob's and the GitHub Action's. It needs no file of its own to write to
# but a folder for temporary files: --read-only --tmpfs /tmp.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /build
COPY requirements.lock requirements-cel.lock ./
# pip stays here: what runs has no use for it.
RUN python3 -m venv tools \
 && python3 -m venv --without-pip /opt/venv \
 && tools/bin/pip --python /opt/venv/bin/python --no-cache-dir install \
      --disable-pip-version-check --no-compile --only-binary :all: \
      --require-hashes -r requirements.lock -r requirements-cel.lock
# Compiled is what a poll imports. The kubernetes package has 60 MB more, which nobody asks for.
RUN /opt/venv/bin/python -c 'import click, jsonschema, orjson, re2, requests, yaml, \
    kubernetes.client.rest, kubernetes.config.kube_config'
COPY schemas /opt/statusbot/schemas
COPY entrypoint.py LICENSE /opt/statusbot/
COPY statusbot /opt/statusbot/statusbot
RUN /opt/venv/bin/python -m compileall -q /opt/statusbot/statusbot

FROM ${BASE}
LABEL org.opencontainers.image.title="statusbot" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# A layer of its own, which a new version of statusbot leaves as it is.
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/statusbot /opt/statusbot
# GitHub's runners own the workspace as 1001, with files in it that nobody else can read (a
# kubeconfig); elsewhere any number but 0 will do.
USER 1001:1001
ENTRYPOINT ["/opt/venv/bin/python", "/opt/statusbot/entrypoint.py"]
