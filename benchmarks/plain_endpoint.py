"""What one would write in ten minutes: FastAPI around Keras' `predict`.

`python -m benchmarks.plain_endpoint FILE PORT`
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = keras.saving.load_model(sys.argv[1], compile=False)


class Question(BaseModel):
    window: list[list[float]]


@app.get("/readyz")
def ready() -> dict[str, bool]:
    return {"ready": True}


@app.post("/predict")
async def predict(question: Question) -> dict[str, list[float]]:  # in threads, Keras on JAX fails now and then
    probabilities = model.predict(np.array([question.window], np.float32), verbose=0)[0]
    return {"probabilities": [float(p) for p in probabilities]}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[2]), log_level="warning")
