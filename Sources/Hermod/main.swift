print("hermod")
