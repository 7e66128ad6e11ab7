"""motif.evaluation"""
