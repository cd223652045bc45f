# The same image is the CronJob's and the step's of every CI. It writes nothing but temporary files:
# --read-only --tmpfs /tmp. How large it is, and how it is built elsewhere: docs/image.md.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /build
COPY requirements.lock requirements-cel.lock ./
# What evaluates commitStatusExpr; --build-arg CEL= leaves it out.
ARG CEL=requirements-cel.lock
# pip stays here: what runs has no use for it.
RUN python3 -m venv tools \
 && python3 -m venv --without-pip /opt/venv \
 && tools/bin/pip --python /opt/venv/bin/python --no-cache-dir install \
      --disable-pip-version-check --no-compile --only-binary :all: \
      --require-hashes -r requirements.lock ${CEL:+-r "$CEL"}
# The kubernetes package has 120 MB that nobody asks for: a class for every kind of object, and a
# second client with packages of its own. One that cannot be imported without them ends here.
RUN tools/bin/pip --python /opt/venv/bin/python uninstall --quiet --yes \
      aiohappyeyeballs aiohttp aiohttp-retry aiosignal frozenlist multidict propcache yarl \
 && cd /opt/venv/lib/python3*/site-packages \
 && rm -r kubernetes/aio kubernetes/client/api kubernetes/client/apis \
 && find kubernetes/client/models -name '*.py' ! -name __init__.py -delete \
 && find . -type d -name tests -prune -exec rm -r {} + \
 && /opt/venv/bin/python -B -c 'from kubernetes.client import ApiClient, Configuration; \
    from kubernetes.config import kube_config, load_incluster_config' \
 && /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash .
COPY schemas /opt/statusbot/schemas
COPY entrypoint.py LICENSE /opt/statusbot/
COPY statusbot /opt/statusbot/statusbot
# Steps of a CI that want a shell find the same command in their PATH.
RUN /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/statusbot \
 && printf '#!/bin/sh\nexec /opt/venv/bin/python /opt/statusbot/entrypoint.py "$@"\n' \
      > /opt/venv/bin/statusbot \
 && chmod 755 /opt/venv/bin/statusbot

FROM ${BASE}
# Python's official images come without the byte code of its own library, and where nothing can be
# written every start would compile it again.
RUN python3 -m compileall -q -j 0 \
      -x '/(test|idlelib|tkinter|turtledemo|lib2to3|ensurepip|pydoc_data|site-packages)/' \
      "$(python3 -c 'import os; print(os.path.dirname(os.__file__))')"
# A layer of its own, which a new version of statusbot leaves as it is.
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/statusbot /opt/statusbot
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="statusbot" \
      org.opencontainers.image.description="Shows on every Git commit whether Flux really reconciled it" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# GitHub's runners own the workspace as 1001, with files in it that nobody else can read (a
# kubeconfig); elsewhere any number but 0 will do.
USER 1001:1001
ENTRYPOINT ["/opt/venv/bin/python", "/opt/statusbot/entrypoint.py"]
