"""The parameters of `rfm`."""

from __future__ import annotations

from vitalfew.domain.segmentation_params import SegmentationParams


class RfmParams(SegmentationParams):
    """How customers are scored and named."""
