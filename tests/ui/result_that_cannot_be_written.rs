struct Response;

#[plugin_api::command]
fn answer() -> Response {
    Response
}

#[plugin_api::command]
fn answer_or_fail() -> plugin_api::Result<Response> {
    Ok(Response)
}

fn main() {}
