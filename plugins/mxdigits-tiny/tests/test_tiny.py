import numpy as np

import mxdigits


def test_the_model_is_found_by_its_name_and_learns():
    labels = np.arange(200) % 4
    images = np.zeros((200, 16, 16), np.uint8)
    for image, label in zip(images, labels):
        image[4 * label : 4 * label + 3, 2:14] = 230
    mxdigits.import_mxnet().random.seed(1)
    network = mxdigits.build_network("tiny", {"channels": 4}, classes=4, image_shape=(1, 16, 16))
    trainer = mxdigits.Trainer(network, "adam", {"learning_rate": 0.01})
    trainer.fit((images, labels), epochs=3, batch_size=20)
    assert trainer.score((images, labels)).accuracy == 1.0
