print("quality: 1.0")
