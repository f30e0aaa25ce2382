#!/usr/bin/env bash
# What EMR 7 and EMR Serverless need, built on their system with their Python 3.11, and copied to S3:
#   bash deploy/emr/build.sh s3://example-lake/vitalfew
# Needs docker (or podman as docker) and the AWS command line. The archive holds libraries and no Python: the nodes have it.
set -euo pipefail
cd "$(dirname "$0")/../.."
to=${1:?usage: build.sh s3://BUCKET/FOLDER}
docker run --rm --volume "$PWD:/src" --workdir /src public.ecr.aws/amazonlinux/amazonlinux:2023 bash -euc '
    dnf install --assumeyes --quiet python3.11 python3.11-pip tar gzip findutils
    PYTHON=/usr/bin/python3.11 bash scripts/package.sh'
aws s3 sync dist "$to/dist" --exclude "*" --include "*.zip" --include "environment.tar.gz" --include "*.whl"
aws s3 sync jobs "$to/jobs" --exclude "*" --include "*.py"
