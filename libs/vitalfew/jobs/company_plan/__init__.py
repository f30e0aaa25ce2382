"""The job company_plan."""
