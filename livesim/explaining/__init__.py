"""Why a figure is what it is: which uncertainties make it vary, and where in them a show fails."""
