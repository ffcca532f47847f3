"""What past shows teach: how they move a scenario, and how well they could have been foretold.

Both are answers, as simulations and plans are: with tables, a document, figures and a page.
"""

from livesim.learning.backtest import Backtest, backtest
from livesim.learning.calibration import Calibration, calibrate

__all__ = ["Backtest", "Calibration", "backtest", "calibrate"]
