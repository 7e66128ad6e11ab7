"""A Gaussian hidden Markov model (hmmlearn) that is told there are ten states. Reads X, z, seeds."""

import json
import sys

import numpy as np
from hmmlearn.hmm import GaussianHMM
from sklearn.metrics import adjusted_rand_score

data = np.load(sys.argv[1])
X, z = data["X"], data["z"]
agreement = []
for seed in data["seeds"]:
    model = GaussianHMM(10, covariance_type="full", n_iter=50, random_state=int(seed)).fit(X)
    agreement.append(float(adjusted_rand_score(z, model.predict(X))))
print(json.dumps({"ari": agreement}))
